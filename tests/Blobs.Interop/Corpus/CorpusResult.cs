namespace Blobs.Interop.Corpus;

/// <summary>What became of one file of the corpus here.</summary>
/// <param name="Case">The file.</param>
/// <param name="Accepted">Whether it was taken and given back bit for bit.</param>
/// <param name="Reason">The line with which it was refused.</param>
/// <param name="Broken">What should never happen to any file: a crash, a wrong archive, a refusal of many lines.</param>
internal sealed record CorpusResult(CorpusCase Case, bool Accepted, string Reason = "", string? Broken = null)
{
    /// <summary>Whether the nearest oracle says otherwise.</summary>
    public bool Disagrees => Oracle is bool oracle && oracle != Accepted;

    /// <summary>Whether all of the others say otherwise: then it is we who are wrong, unless we named a limit of ours.</summary>
    public bool StandsAlone => Case.IsArchive
        ? Case.Accepted is bool all && all != Accepted && !Reason.Contains("exceeds the limit", StringComparison.Ordinal)
        : Case.Decodable == false && Accepted;

    private bool? Oracle => Case.IsArchive ? Case.Verdict("tar_split_roundtrip") : Case.Decodable == false ? false : null;

    public override string ToString() =>
        $"{Case.Name,-60} {(Accepted ? "taken" : "refused"),-8} {Broken ?? Reason}";
}
