"""Evidence bundles: what goes in, who may have one."""
