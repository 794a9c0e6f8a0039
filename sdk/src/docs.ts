// What describes plugins to people imports this: the tables of READMEs and of `informer plugins show`.
export {
  type ConfigurationRow,
  type ConfigurationSection,
  configurationSections,
} from './docs/configuration.ts';
export { type DescribedMetric, type MetricRow, metricRows } from './docs/metrics.ts';
export { checkNeeds, NEED_KINDS, type Needs, needsOf } from './docs/needs.ts';
export { type Documented, type UpdatedReadme, updateReadme } from './docs/readme.ts';
