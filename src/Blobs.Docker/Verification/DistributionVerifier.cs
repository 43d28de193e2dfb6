using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>Verifies the records of which registry blobs hold which layers.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DistributionVerifier(VerifyRun run)
{
    private const int SourcesMax = 50;

    private readonly RootFiles _files = new(run);

    // The two directories must agree. A blob's layer is written first, and stays when its last source is removed.
    public void Verify(RootPaths paths)
    {
        var store = new DistributionStore(paths);
        var sources = new Dictionary<DiffId, IReadOnlyList<BlobSource>>();
        foreach (string file in _files.Files(paths.BlobSources))
        {
            if (run.Read(file, run.Limits.ConfigBytes) is not null
                && DiffId.TryParse(DigestText.Sha256Prefix + Path.GetFileName(file), null, out DiffId diffId))
            {
                run.Try(file, () => VerifySources(store, file, diffId, sources[diffId] = store.SourcesOf(diffId)));
            }
        }

        HashSet<Digest> noted = [.. sources.Values.SelectMany(list => list.Select(source => source.Digest))];
        foreach (string file in _files.Folders(paths.DiffIds).SelectMany(_files.Files))
        {
            VerifyDiffId(file, sources, noted);
        }
    }

    private void VerifySources(DistributionStore store, string file, DiffId diffId, IReadOnlyList<BlobSource> sources)
    {
        if (sources.Count == 0)
        {
            run.Find(file, "is not as dockerd writes it");
        }

        foreach (BlobSource source in sources.Where(source => store.DiffIdOf(source.Digest) != diffId))
        {
            run.Find(file, $"says that {source.Digest} holds the layer, but diffid-by-digest does not");
        }

        run.LeaveUnread(file, "was compared with diffid-by-digest; repositories and HMACs cannot be verified");
    }

    private void VerifyDiffId(string file, Dictionary<DiffId, IReadOnlyList<BlobSource>> sources, HashSet<Digest> noted)
    {
        string digest = $"{Path.GetFileName(Path.GetDirectoryName(file))}:{Path.GetFileName(file)}";
        if (run.ReadLine(file) is not { } line)
        {
            return;
        }

        if (!DiffId.TryParse(line, null, out DiffId diffId) || !Digest.TryParse(digest, null, out Digest blob))
        {
            run.Find(file, $"says that {digest} holds {line}");
            return;
        }

        IReadOnlyList<BlobSource> known = sources.GetValueOrDefault(diffId, []);
        if (known.Count >= SourcesMax || known.Any(source => source.Digest == blob))
        {
            return;
        }

        if (noted.Contains(blob))
        {
            run.Find(file, $"says that {digest} holds {line}, but v2metadata-by-diffid says that it holds another layer");
        }
        else
        {
            run.LeaveUnread(file, "no repository is recorded for that blob");
        }
    }
}
