import { type Static, Type } from '@dynamic-informer/sdk';

/** What can be collected; each is one file beside this one. */
export const PART_NAMES = [
  'cpu',
  'memory',
  'load',
  'filesystem',
  'network',
  'disk',
  'system',
  'uname',
  'filefd',
  'pressure',
  'vmstat',
] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Kernel interfaces that hold no data, and network file systems: those can hang, and are measured on their server. */
const EXCLUDED_TYPES = [
  'autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|iso9660|mqueue',
  'nsfs|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs',
  'nfs\\d?|nfsd|cifs|smb\\w*|ncpfs|ncp|9p|virtiofs|afs|auristorfs|coda|ceph|glusterfs|lustre|gpfs|beegfs|ocfs2|orangefs|davfs\\d?|fuse\\..+',
];
const EXCLUDED_MOUNTPOINTS = [
  '/(dev|proc|sys)($|/.*)',
  '/run/(credentials|user|containerd|docker|netns)/.*',
  '/var/lib/(docker|containerd|containers/storage|kubelet)/.+',
];
const EXCLUDED_DISKS = ['(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p|mmcblk\\d+p)\\d+'];

const patterns = (defaults: string[], description: string) =>
  Type.Array(Type.String({ format: 'regex' }), { default: defaults, description });

const partName = Type.Unsafe<PartName>({ type: 'string', enum: PART_NAMES });

export const hostConfig = Type.Object({
  collect: Type.Array(partName, {
    default: [],
    uniqueItems: true,
    description: 'What to collect; empty means everything that this platform has.',
  }),
  exclude: Type.Array(partName, {
    default: [],
    uniqueItems: true,
    description: 'What to leave out of that.',
  }),
  procfs: Type.String({ default: '/proc', description: 'Where procfs is mounted.' }),
  sysfs: Type.String({ default: '/sys', description: 'Where sysfs is mounted.' }),
  rootfs: Type.String({
    default: '/',
    description: "Where the host's root is mounted; mount points are looked up below it.",
  }),
  filesystems: Type.Object(
    {
      exclude_types: patterns(EXCLUDED_TYPES, 'File system types to leave out; whole-name patterns.'),
      exclude_mountpoints: patterns(EXCLUDED_MOUNTPOINTS, 'Mount points to leave out; whole-path patterns.'),
    },
    { default: {}, description: 'Which file systems to leave out.' },
  ),
  network: Type.Object(
    { exclude_devices: patterns([], 'Network devices to leave out; whole-name patterns.') },
    { default: {}, description: 'Which network devices to leave out.' },
  ),
  disk: Type.Object(
    { exclude_devices: patterns(EXCLUDED_DISKS, 'Disks to leave out; whole-name patterns.') },
    { default: {}, description: 'Which disks to leave out.' },
  ),
});
export type HostConfig = Static<typeof hostConfig>;

/** Whether a whole name matches one of the patterns. */
export function matcher(sources: readonly string[]): (name: string) => boolean {
  const compiled = sources.map((source) => new RegExp(`^(?:${source})$`, 'u'));
  return (name) => compiled.some((pattern) => pattern.test(name));
}
