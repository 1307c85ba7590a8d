"""Gongdan's domain: rooms that know no HTTP. Start reading at docs/tour.md."""
