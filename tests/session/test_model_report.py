"""What the panel of a model says of the shipped ones."""

from mriexplorer.places import PEOPLE, SCANS_TO_MAPS
from mriexplorer.session.model_report import model_report


def test_a_model_of_maps_tells_how_true_its_maps_are():
    report = model_report(SCANS_TO_MAPS)
    told = {figure.name: figure for figure in report.worst}
    assert "maps: T1 error in white and grey matter, from T1w+T2w+FLAIR" in told and len(told) == 10
    assert all(figure.real == "–" and figure.about for figure in told.values())
    assert report.summary.startswith("How true its maps are, on people whom it was not trained on. Made 20")
    assert report.page is not None and not report.no_result


def test_a_model_of_people_tells_the_worst_of_each_group_beside_real_people():
    report = model_report(PEOPLE)
    groups = [figure.name.partition(":")[0] for figure in report.worst]
    assert len(groups) == len(set(groups)) > 4 and "published models" not in groups
    assert all(figure.real != "–" for figure in report.worst) and "Of the model altogether" in report.memory
