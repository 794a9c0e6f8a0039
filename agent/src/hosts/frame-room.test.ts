import { expect, it } from 'vitest';
import { FrameRoom } from './frame-room.ts';

const MIB = 1024 * 1024;
const nothing = () => undefined;

it('holds up those that came later once there is no room, never the oldest, and lets them go on', () => {
  const room = new FrameRoom(10 * MIB);
  const [first, second, third] = [{}, {}, {}];
  const resumed: string[] = [];
  expect(room.hold(first, 4 * MIB, nothing)).toBe(true);
  expect(room.hold(second, 4 * MIB, () => resumed.push('second'))).toBe(true);
  expect(room.hold(third, 4 * MIB, () => resumed.push('third'))).toBe(false);
  expect(room.hold(second, 8 * MIB, () => resumed.push('second'))).toBe(false);
  expect(room.hold(first, 64 * MIB, nothing)).toBe(true);
  // Small ones are never held up.
  expect(room.hold({}, MIB, nothing)).toBe(true);
  room.release(third);
  expect(resumed).toEqual([]);
  room.release(first);
  expect(resumed).toEqual(['second']);
  expect(room.hold(second, 0, nothing)).toBe(true);
  expect(room.hold(third, 10 * MIB, nothing)).toBe(true);
});
