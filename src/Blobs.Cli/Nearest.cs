namespace Blobs.Cli;

/// <summary>Finds the word that a user may have meant.</summary>
internal static class Nearest
{
    /// <summary>The nearest candidate: one that begins with the word, or differs by a typo or two; null when there
    /// is none.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        string bare = Bare(word);
        return bare.Length < 2 ? null : candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(bare, Bare(candidate))))
            .Where(item => item.Distance <= Math.Max(1, bare.Length / 3))
            .OrderBy(item => item.Distance)
            .Select(item => item.Candidate)
            .FirstOrDefault();
    }

    private static string Bare(string word) => word.TrimStart('-').ToLowerInvariant();

    // Edit distance with swaps of neighbours (optimal string alignment); a prefix counts as one edit.
    private static int Distance(string word, string candidate)
    {
        if (candidate.StartsWith(word, StringComparison.Ordinal))
        {
            return candidate.Length == word.Length ? 0 : 1;
        }

        var costs = new int[word.Length + 1, candidate.Length + 1];
        for (int i = 0; i <= word.Length; i++)
        {
            for (int j = 0; j <= candidate.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    costs[i, j] = i + j;
                    continue;
                }

                int exchanged = costs[i - 1, j - 1] + (word[i - 1] == candidate[j - 1] ? 0 : 1);
                costs[i, j] = Math.Min(exchanged, 1 + Math.Min(costs[i - 1, j], costs[i, j - 1]));
                if (i > 1 && j > 1 && word[i - 1] == candidate[j - 2] && word[i - 2] == candidate[j - 1])
                {
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
                }
            }
        }

        return costs[word.Length, candidate.Length];
    }
}
