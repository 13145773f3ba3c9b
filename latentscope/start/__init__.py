"""What must hold before and around the window: Qt can start, faults are told, garbage is collected safely."""
