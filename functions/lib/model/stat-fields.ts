/** Fields of /proc/PID/stat from the third on; the second, the name, may itself hold spaces and parentheses. */
export const statFields = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
