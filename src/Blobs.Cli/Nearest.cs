namespace Blobs.Cli;

/// <summary>The word that somebody may have meant.</summary>
internal static class Nearest
{
    /// <summary>The candidate that a word is the beginning of, or that it is a slip or two from; null when none is near.</summary>
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

    // Letters left out, added, exchanged, or two swapped; a beginning counts as next to nothing.
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
