"""Speech models: catalogue, verification, device plan, engines and the bundled demo model."""
