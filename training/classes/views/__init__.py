"""The pages of this app: each loads what the account may see, calls a service, renders."""
