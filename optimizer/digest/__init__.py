"""What a finished run comes to, in figures and without words: read by the brief, the report and the map alike."""

from optimizer.digest.exhibit import Exhibit, OtherDistrict, read_exhibits

__all__ = ["Exhibit", "OtherDistrict", "read_exhibits"]
