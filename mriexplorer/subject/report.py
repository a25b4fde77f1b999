"""What a subject is, for people and for programs."""

from typing import Any

import numpy as np

from mriexplorer.subject.subject import MapSource, Subject


def report(subject: Subject) -> dict[str, Any]:
    """Maps, units and how they were known, shape, voxel size, orientation, medians in the head (seconds, water = 1), record."""
    maps = subject.maps
    head = maps.head
    kinds = ["t1", "t2", *(["t2star"] if maps.t2star is not None else []), "pd"]
    return {
        "name": subject.name,
        "description": subject.description,
        "shape": list(maps.grid.shape),
        "voxel_mm": [round(edge, 4) for edge in maps.grid.spacing],
        "orientation": _stored_orientation(subject) if maps.grid.known else None,
        "head_voxels": int(head.sum()),
        "medians": {kind: round(float(np.median(getattr(maps, kind)[head])), 5) for kind in kinds},
        "maps": [_source(source) for source in subject.sources],
        "attributes": {attribute.name: attribute.value for attribute in subject.attributes},
        "attribute_units": {attribute.name: attribute.unit for attribute in subject.attributes if attribute.unit},
        "record": subject.record,
        "notices": list(subject.notices),
    }


def as_text(content: dict[str, Any]) -> str:
    """A report in lines for people; times in milliseconds."""
    size = " × ".join(map(str, content["shape"]))
    voxel = " × ".join(f"{edge:g}" for edge in content["voxel_mm"])
    medians, units = content["medians"], content["attribute_units"]
    times = ", ".join(f"{_label(kind)} {value * 1000:.1f} ms" for kind, value in medians.items() if kind != "pd")
    lines = [
        content["name"],
        f"  {content['description']}",
        f"  {size} voxels of {voxel} mm, orientation {content['orientation'] or 'unknown'}",
        f"  medians in the head: {times}, PD {medians['pd']:.3f}",
        *(f"  {m['quantity']}: {m['file'] or 'no file'}, {m['unit']} ({m['unit_known']})" for m in content["maps"]),
        *(f"  {name}: {value} {units.get(name, '')}".rstrip() for name, value in content["attributes"].items()),
        f"  {content['record']}",
        *(f"  Note: {notice}" for notice in content["notices"]),
    ]
    return "\n".join(lines)


def _label(kind: str) -> str:
    return kind.upper().replace("STAR", "*")


def _source(source: MapSource) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "quantity": source.quantity,
        "file": str(source.path) if source.path else None,
        "unit": source.unit,
        "unit_known": source.how,
        "scale": source.scale,
    }


def _stored_orientation(subject: Subject) -> str:
    """Axis codes of the file, such as RAS or LPI."""
    from nibabel.orientations import aff2axcodes

    empty = np.broadcast_to(np.float32(0), subject.maps.grid.shape)
    _volume, affine = subject.maps.grid.stored(empty)
    return "".join(aff2axcodes(affine))
