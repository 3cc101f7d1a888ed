const { PATH, NODE_COMPILE_CACHE } = process.env;

/** What every program of papilio's finds in its environment when it is started by hand: nothing of the test's. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  ...(PATH !== undefined && { PATH }),
  ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
};
