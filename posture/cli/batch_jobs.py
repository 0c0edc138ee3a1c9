"""Which job a person means."""

from pathlib import Path

from posture.errors import ConfigError


def known_jobs() -> list[Path]:
    """Folders of all jobs of this user, the one that was worked at last first."""
    from posture.batch.plan import jobs_folder

    journals = [path for path in jobs_folder().glob("*/journal.sqlite") if path.is_file()]
    return [path.parent for path in sorted(journals, key=lambda path: (-path.stat().st_mtime, path.parent.name))]


def the_job(named: str | None) -> Path:
    """Its folder: of a job file, of the beginning of a name; without a name the one that was worked at last.

    Raises ConfigError.
    """
    from posture.batch.plan import folder_of, load_plan

    jobs = known_jobs()
    if named is None:
        if not jobs:
            raise ConfigError("there is no job yet; begin one with `posture batch run FOLDER`")
        return jobs[0]
    if named.endswith(".toml"):
        return folder_of(load_plan(Path(named).expanduser()))
    fitting = [job for job in jobs if job.name.startswith(named)]
    if len(fitting) != 1:
        names = ", ".join(job.name for job in fitting or jobs) or "none"
        raise ConfigError(f"{named!r} names {'several jobs' if fitting else 'no job'}; there are {names}")
    return fitting[0]
