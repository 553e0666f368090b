"""The demo: a fresh Bắc Ninh, a real server, and the main job driven through it as browsers would."""
