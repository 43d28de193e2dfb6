using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Copies an index, an artifact or an image unchanged, and says what the source lacks.</summary>
[SupportedOSPlatform("linux")]
internal static class ContentCopy
{
    private const int ShownMax = 4;

    public static async Task<CopyResult> RunAsync(
        NamedManifest from,
        ImagePlace to,
        CopyOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        ManifestName name = ManifestTargets.NameAt(to, from.Name);
        IManifestTarget target = await ManifestTargets.OpenAsync(to, options, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var copier = new ManifestCopier(from.Source, target, options.Limits, options.WithReferrers, progress);
            bool isWhole = await copier.CopyAsync(from.Manifest, from.Digest, name, cancellationToken).ConfigureAwait(false);
            if (!isWhole)
            {
                throw Incomplete(from.Source, from.Manifest, copier.Missing);
            }

            await target.CommitAsync(cancellationToken).ConfigureAwait(false);
            return copier.Missing.Count == 0 ? copier.Summarize(from.Digest) : throw ReferrersMissing(from.Source, copier.Missing);
        }
    }

    /// <summary>The error about an index or image some of whose content is not at the source.</summary>
    public static NotFoundException Incomplete(IManifestSource source, Manifest root, IReadOnlyList<Descriptor> missing)
    {
        string kind = root is ImageIndex ? "index" : "manifest";
        string hint = root is ImageIndex ? "; --platform copies one that is there" : "";
        return new NotFoundException(
            source.Origin, $"{source.Origin}: the {kind} {root.Digest} is not complete, it lacks {Describe(missing)}{hint}");
    }

    private static NotFoundException ReferrersMissing(IManifestSource source, IReadOnlyList<Descriptor> missing) => new(
        source.Origin,
        $"{source.Origin}: everything was copied but these referrers, which are listed and missing: {Describe(missing)}");

    private static string Describe(IReadOnlyList<Descriptor> missing)
    {
        Descriptor[] distinct = [.. missing.DistinctBy(one => one.Digest)];
        IEnumerable<string> shown = distinct.Take(ShownMax).Select(Describe);
        string more = distinct.Length > ShownMax ? $", and {distinct.Length - ShownMax} more" : "";
        return $"{string.Join(", ", shown)}{more}";
    }

    private static string Describe(Descriptor missing) => missing.Platform is { } platform
        ? $"{missing.Digest} ({ArchiveDocuments.Shown($"{platform}").Trim('\'')})"
        : $"{missing.Digest}";
}
