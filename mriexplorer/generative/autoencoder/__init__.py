"""From any subset of scans to tissue maps: network, training, encoding of a patient."""
