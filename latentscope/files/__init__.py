"""Opening, saving and exporting: what comes from the disk and what goes there."""
