const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether a metric may have this name. */
export function validateMetricName(name: string): boolean {
  return METRIC_NAME.test(name);
}

/** Whether a label may have this name; those that begin with two underscores are Prometheus' own. */
export const isLabelName = (name: string): boolean => LABEL_NAME.test(name);
