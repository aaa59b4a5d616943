"""One verb a file. A flow is (world, ...) -> Iterator[Event]: it decides everything the front ends show."""
