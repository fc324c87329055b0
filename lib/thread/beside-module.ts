/** Returns the URL of a file beside a module, with the module's own extension: `.ts` in a clone, `.js` where it was compiled. */
export const besideModule = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.endsWith(".ts") ? ".ts" : ".js"}`, moduleUrl)
