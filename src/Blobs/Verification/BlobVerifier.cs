using Blobs.Hashing;
using Blobs.Storage;

namespace Blobs.Verification;

/// <summary>Blobs, which hash to their names or are wrong.</summary>
internal static class BlobVerifier
{
    /// <summary>Puts off the hashing of every blob below a root.</summary>
    public static void Add(VerifyRun run, string root)
    {
        string blobs = Path.Combine(RegistryPaths.Folder(root), RegistryPaths.Blobs);
        foreach (string file in run.FilesBelow(blobs))
        {
            string shown = Path.GetRelativePath(RegistryPaths.Folder(root), file);
            Digest expected = default;
            bool isNamed = shown.Split('/') is [_, var algorithm, _, var hex, _]
                && Digest.TryParse($"{algorithm}:{hex}", null, out expected);
            if (!isNamed || RegistryPaths.Blob(expected) != shown)
            {
                run.LeaveUnread(file, "is no blob: one on its way in, or what one left");
                continue;
            }

            run.Try(file, () => AddOne(run, file, expected));
        }
    }

    private static void AddOne(VerifyRun run, string file, Digest expected)
    {
        var info = new FileInfo(file);
        run.Later($"blob {expected} {info.Length} {info.LastWriteTimeUtc.Ticks}", file, (info.Length, () =>
        {
            Digest? found = run.Hash(file, expected.Algorithm);
            if (found is { } other && other != expected)
            {
                run.Find(file, $"hashes to {other}");
            }

            return found == expected;
        }
        ));
    }
}
