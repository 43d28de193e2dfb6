using System.ComponentModel;
using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Verification.Internal;

/// <summary>Verifies that the blobs of a <see cref="BlobDirectory"/> match their digests.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[SupportedOSPlatform("linux")]
public static class BlobVerifier
{
    /// <summary>Schedules the hashing of every blob below a root.</summary>
    public static void Add(VerifyRun run, string root)
    {
        var blobs = new BlobDirectory(root);
        foreach (string file in run.FilesBelow(blobs.Folder))
        {
            Digest expected = default;
            bool isNamed = Path.GetRelativePath(blobs.Folder, file).Split('/') is [var algorithm, _, var hex, _]
                && Digest.TryParse($"{algorithm}:{hex}", null, out expected);
            if (!isNamed || blobs.PathOf(expected) != file)
            {
                run.LeaveUnread(file, "is not a blob, but a partial upload or what one left");
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
