"""Bank statements (1CClientBankExchange, CSV and XLSX through a mapping, camt.053) in one form, read as a stream."""
