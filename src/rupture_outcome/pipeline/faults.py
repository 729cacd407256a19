"""Faults of the place where a run reads and writes, in words."""

import errno

AGAIN = "run again; what was finished is kept"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR}


def place_in_words(error: OSError) -> str:
    """Say what is wrong with a disk, a folder or a file, and what to do.

    Parameters
    ----------
    error : OSError

    Returns
    -------
    str
        One line that says what is wrong, one that says what to do.

    Examples
    --------
    >>> print(place_in_words(OSError(errno.ENOSPC, "No space left on device", "a.parquet")))
    a.parquet: the disk is full.
        What to do: free some space, then run again; what was finished is kept.
    """
    found, remedy = _words(error)
    where = error.filename
    said = found[0].upper() + found[1:] if where is None else f"{where}: {found}"
    return f"{said}.\n    What to do: {remedy}."


def _words(error: OSError) -> tuple[str, str]:
    if error.errno in _FULL:
        return "the disk is full", f"free some space, then {AGAIN}"
    if error.errno in _CLOSED:
        return (
            "this place may not be read or written",
            f"choose another place or ask for the right to use this one, then {AGAIN}",
        )
    if error.errno in _NO_FOLDER:
        return (
            "a file is where a folder should be, or a folder where a file should be",
            f"move it away or choose another place, then {AGAIN}",
        )
    if error.errno == errno.ENOENT:
        return "the file is not there (any more)", f"put it back or {AGAIN}"
    said = error.strerror or "the disk or the connection to it failed"
    return f"this cannot be read or written ({said})", f"check the disk, then {AGAIN}"
