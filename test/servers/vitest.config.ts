import { defineConfig } from "vitest/config"

/** The tests that need servers from elsewhere: `npm run test:servers`. */
export default defineConfig({
  test: {
    include: ["test/servers/**/*.laws.ts"],
    globalSetup: ["test/seed.ts", "test/servers/start.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
