import {
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type Virtualizer as VirtualizerType,
  windowScroll,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

export interface WindowListOptions {
  readonly count: number;
  readonly estimateSize: (index: number) => number;
  readonly getItemKey: (index: number) => string;
  /** Where the list begins in the document, in pixels. */
  readonly scrollMargin: number;
  /** Is rendered wherever the window is: what has the focus must not vanish. */
  readonly pinned: number | undefined;
}

/** Which items of a list that scrolls with the window are to be rendered, and where. */
export function useWindowList(options: WindowListOptions): VirtualizerType<Window, HTMLElement> {
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  const { pinned, ...rest } = options;
  const settings = {
    ...rest,
    overscan: 6,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialOffset: () => scrollY,
    initialRect: { width: innerWidth, height: innerHeight },
    rangeExtractor: ({
      startIndex,
      endIndex,
      overscan,
      count,
    }: {
      startIndex: number;
      endIndex: number;
      overscan: number;
      count: number;
    }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const indexes = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      if (pinned !== undefined && pinned < from) indexes.unshift(pinned);
      if (pinned !== undefined && pinned > to && pinned < count) indexes.push(pinned);
      return indexes;
    },
    onChange: () => rerender(undefined),
  };
  const [list] = useState(() => new Virtualizer<Window, HTMLElement>(settings));
  list.setOptions(settings);
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => list._willUpdate());
  return list;
}
