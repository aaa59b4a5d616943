"""Where a learner's things lie. The folders of the labs are the learner's; `.qlab/` is ours."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with `.qlab/` in it, and every path inside that qlab touches."""

    root: Path

    @property
    def own(self) -> Path:
        """qlab's folder."""
        return self.root / ".qlab"

    @property
    def journal(self) -> Path:
        """Append-only record of attempts, one JSON object a line."""
        return self.own / "journal.jsonl"

    @property
    def reports(self) -> Path:
        """Full reports, one JSON file a run."""
        return self.own / "reports"

    @property
    def services(self) -> Path:
        """One folder a running service: its record, data and log."""
        return self.own / "services"

    @property
    def runs(self) -> Path:
        """One folder a check run that is going on; empty when nothing runs."""
        return self.own / "runs"

    def lab(self, id: str) -> Path:
        """The learner's folder for a lab."""
        return self.root / id

    @classmethod
    def around(cls, folder: Path) -> "Workspace | None":
        """The nearest workspace from `folder` upwards, or None."""
        for candidate in (folder, *folder.parents):
            if (candidate / ".qlab").is_dir():
                return cls(candidate)
        return None
