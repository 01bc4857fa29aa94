"""Providers of agent sessions: one protocol, and a module for each agent."""
