-- A ledger of four orders and what the bot allocated of it: fees in the basis, each figure rounded on its own.
insert into trade_records (order_id, symbol, side, order_time, price, size, total_fees_usd, status) values
	('b1', 'BTC-USD', 'buy', '2024-01-01 10:00:00+00', 40000, 0.5, 1.0, 'filled'),
	('b2', 'BTC-USD', 'buy', '2024-01-02 10:00:00+00', 41000, 0.5, 1.0, 'cancelled'),
	('s1', 'BTC-USD', 'sell', '2024-01-03 10:00:00.123+00', 42000, 0.6, 1.2, 'filled'),
	('s2', 'ETH-USD', 'sell', '2024-01-03 11:00:00+00', 2000, 0.1, 0.1, 'filled');
insert into fifo_allocations (sell_order_id, buy_order_id, symbol, allocated_size, buy_price, sell_price, cost_basis_usd, proceeds_usd, net_proceeds_usd,
	pnl_usd, buy_time, sell_time, allocation_version, notes) values
	('s1', 'b1', 'BTC-USD', 0.5, 40000, 42000, 20001, 21000, 20999, 998, '2024-01-01 10:00:00+00', '2024-01-03 10:00:00.123+00', 2, null),
	('s1', 'b2', 'BTC-USD', 0.1, 41000, 42000, 4100.2, 4200, 4199.8, 99.6, '2024-01-02 10:00:00+00', '2024-01-03 10:00:00.123+00', 2, null),
	('s2', null, 'ETH-USD', 0.1, null, 2000, null, 200, null, null, null, '2024-01-03 11:00:00+00', 2, 'UNMATCHED: no buy');
