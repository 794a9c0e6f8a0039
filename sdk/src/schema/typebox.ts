// The part of TypeBox that configuration schemas need. The build bundles this file with TypeBox inlined
// and what is unused left out: importing the whole library costs every host 22 MB and 40 ms, this 2 MB.
export {
  Array,
  Boolean,
  Integer,
  Literal,
  Null,
  Number,
  Object,
  Optional,
  Record,
  String,
  Tuple,
  Union,
  Unknown,
  Unsafe,
} from 'typebox';
