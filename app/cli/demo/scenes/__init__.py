"""The scenes of the played days, one module each, in the order of :mod:`app.cli.demo.story`."""
