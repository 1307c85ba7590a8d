"""The demo company: a believable appliance service company, the same on each installation, loaded once."""

from app.demo.company import load_demo

__all__ = ["load_demo"]
