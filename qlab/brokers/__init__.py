"""One folder a broker; base.py is the contract. The only home of the client libraries."""
