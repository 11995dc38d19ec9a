"""How the cells of notebooks are compared with their stored outputs."""


def compare_what_can_be_run(items, missing):
    """A cell that tells of etcd prints something else where there is none; what is `missing` says why."""
    for item in items:
        if missing and hasattr(item, "cell") and "on_etcd(" in item.cell.source:
            item.options["check"] = False
