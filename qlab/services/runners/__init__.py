"""The four ways to have a service; base.py is the contract."""
