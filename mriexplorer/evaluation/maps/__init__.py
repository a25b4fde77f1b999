"""Whether the maps that an encoder gives a patient are true."""
