using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Images;

/// <content>Puts it on another base.</content>
public sealed partial record OciImage
{
    /// <summary>This image on another base: the layers and the history of the new base, then what this image added to the
    /// old one. The platform becomes the new base's; everything else stays this image's.</summary>
    /// <param name="oldBase">The image that this one was made from.</param>
    /// <param name="newBase">The image to put it on. Its source must stay open.</param>
    /// <exception cref="MalformedDataException">This image is not based on <paramref name="oldBase"/>.</exception>
    public OciImage Rebase(OciImage oldBase, OciImage newBase)
    {
        ArgumentNullException.ThrowIfNull(oldBase);
        ArgumentNullException.ThrowIfNull(newBase);
        RequireBase(oldBase);
        HistoryEntry[] history = [.. newBase.History, .. History.Skip(oldBase.History.Count)];
        OciImage rebased = this with
        {
            Parts = [.. newBase._parts, .. _parts.Skip(oldBase._parts.Length)],
            Sources = [.. _sources, newBase._origin, .. newBase._sources],
            Platform = newBase.Platform,
            Format = Format ?? newBase.Format,
        };

        // A history that tells of more layers than there are would make the image unreadable.
        return rebased with { History = history.Count(step => !step.EmptyLayer) <= rebased.LayerCount ? history : [] };
    }

    private void RequireBase(OciImage oldBase)
    {
        if (oldBase._parts.Length > _parts.Length)
        {
            throw NotBased($"it has {_parts.Length} layers, the base {oldBase._parts.Length}");
        }

        for (int i = 0; i < oldBase._parts.Length; i++)
        {
            Part own = _parts[i];
            Part other = oldBase._parts[i];
            bool isSame = own == other || (own.Known is { } known && other.Known is { } below && known.DiffId == below.DiffId);
            if (!isSame)
            {
                throw NotBased($"layer {i + 1} is {own.Known?.DiffId}, that of the base {other.Known?.DiffId}");
            }
        }
    }

    private static MalformedDataException NotBased(string why) =>
        new(Fault.ManifestSyntax, 0, $"the image is not based on the old base: {why}");
}
