import client, { Counter, collectDefaultMetrics, Gauge, Histogram, Summary } from 'prom-client';

// A shop's metrics as applications write them, without a thought of plugins.

export const register = new client.Registry();
collectDefaultMetrics({ register, prefix: 'shop_', gcDurationBuckets: [0.001, 0.01] });

export const orders = new Counter({
  name: 'shop_orders_total',
  help: 'Orders placed.',
  labelNames: ['country', 'method'] as const,
  registers: [register],
});

export const basketSize = new Summary({
  name: 'shop_basket_items',
  help: 'Items in a basket.',
  percentiles: [0.5, 0.9],
  maxAgeSeconds: 600,
  ageBuckets: 5,
  registers: [register],
});

export const checkout = new Histogram({
  name: 'shop_checkout_duration_seconds',
  help: 'Time from the basket to the order.',
  labelNames: ['status'],
  buckets: client.exponentialBuckets(0.1, 2, 5),
  registers: [register],
});

const stock = new Map([
  ['apples', 12],
  ['pears', 0],
]);

new Gauge({
  name: 'shop_stock',
  help: 'Items in stock.',
  labelNames: ['item'],
  registers: [register],
  async collect() {
    for (const [item, count] of await Promise.resolve(stock)) this.set({ item }, count);
  },
});

/** What a day in the shop does to its metrics. */
export function sell(): void {
  orders.inc({ country: 'NL', method: 'card' });
  orders.labels('NL', 'cash').inc(2);
  orders.inc({ country: 'DE' });
  for (const items of [3, 3, 3]) basketSize.observe(items);
  checkout.observe({ status: 'ok' }, 0.25);
  checkout.labels({ status: 'ok' }).observe(30);
  const end = checkout.startTimer();
  end({ status: 'left' });
}
