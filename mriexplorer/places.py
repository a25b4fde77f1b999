"""Where the project's own data lie, in a checkout and in an installed wheel, and where the user's may be written."""

from pathlib import Path

PEOPLE = "people-1mm"  # the shipped model that samples people
FOLDING = "folds-1mm"  # the shipped model of their cortical folding
SCANS_TO_MAPS = "scans-to-maps-1mm"  # the shipped model that turns scans into maps
_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """Path of a file in ``resources/``: inside the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "resources" / name
    return installed if installed.exists() else _PACKAGE.parent / "resources" / name


def models() -> Path:
    """The folder of shipped models: inside the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "models"
    return installed if installed.exists() else _PACKAGE.parent / "models"


def cache_folder() -> Path:
    """Folder for what can be made again; made on demand, honouring the platform's convention (XDG and the like)."""
    from platformdirs import user_cache_path

    return user_cache_path("mriexplorer", appauthor=False, ensure_exists=True)


def settings_file() -> Path:
    """The file that remembers layout, theme and recent files."""
    from platformdirs import user_config_path

    return user_config_path("mriexplorer", appauthor=False, ensure_exists=True) / "settings.json"


def own_lessons_folder() -> Path:
    """The folder of the user's own lessons; it need not exist."""
    from platformdirs import user_data_path

    return user_data_path("mriexplorer", appauthor=False) / "lessons"
