/** The environment of a process with these arguments; with large pages where they ask for the `tensorflow` engine on Linux. */
export declare const withHugePages: (args: readonly string[], env?: NodeJS.ProcessEnv, platform?: string) => NodeJS.ProcessEnv
