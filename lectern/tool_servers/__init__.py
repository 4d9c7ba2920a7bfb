"""Servers of tools outside of Lectern: those of the environment, and how they are edited."""

from lectern.tool_servers.environment import environment_servers, is_of_environment
from lectern.tool_servers.names import WEB, mcp_name, parted

__all__ = ["WEB", "environment_servers", "is_of_environment", "mcp_name", "parted"]
