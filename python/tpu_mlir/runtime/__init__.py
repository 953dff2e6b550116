"""Running compiled models on the simulator of the chip."""
