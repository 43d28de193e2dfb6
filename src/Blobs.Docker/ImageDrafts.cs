using Blobs.Docker.Containers;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Creates the configs of new images, as Docker's build steps and commits write them.</summary>
internal static class ImageDrafts
{
    /// <summary>The config of an image to which a build step has added something.</summary>
    /// <param name="parent">The parent image.</param>
    /// <param name="layer">The layer with the added files.</param>
    /// <param name="step">The build step.</param>
    public static ImageDraft Added(ImageConfig parent, DiffId layer, string step)
    {
        // A build step's own config refers to the parent image, and its command describes the step.
        RunConfig config = parent.Config with { Image = $"{parent.Id}" };
        IReadOnlyList<string> shell = config.Shell is { Count: > 0 } own ? own : ["/bin/sh", "-c"];
        return ChildOf(parent, layer) with
        {
            Config = config,
            ContainerConfig = config with { Cmd = [.. shell, $"#(nop) {step} "] },
        };
    }

    /// <summary>The config of an image made from a container's changes.</summary>
    /// <param name="parent">The parent image.</param>
    /// <param name="layer">The layer with the changes.</param>
    /// <param name="container">The container.</param>
    public static ImageDraft Committed(ImageConfig parent, DiffId layer, Container container) => ChildOf(parent, layer) with
    {
        Config = container.Config,
        Container = container.Id,
        ContainerConfig = container.Config,
    };

    /// <summary>The final config, with the parent's history and the step that made this image.</summary>
    public static ImageConfig Finished(ImageDraft draft, ImageConfig parent, bool isEmpty, string? author, string? comment) =>
        (draft with
        {
            History =
            [
                .. parent.History,
                new HistoryEntry
                {
                    Created = draft.Created,
                    Author = author,
                    CreatedBy = string.Join(' ', draft.ContainerConfig.Cmd ?? []),
                    Comment = comment,
                    EmptyLayer = isEmpty,
                },
            ],
        }).ToConfig();

    /// <summary>Describes the added files as in a build step's history.</summary>
    public static string Describe(IReadOnlyList<AddedPath> added, AddedFiles[] files)
    {
        var byDestination = added.Zip(files).GroupBy(pair => pair.First.Destination);
        return string.Join(' ', byDestination.Select(group =>
            $"ADD {AddedFiles.Join([.. group.Select(pair => pair.Second.Hash)])} in {group.Key}"));
    }

    // A step that changed nothing adds no layer; its tar is the empty tar.
    private static ImageDraft ChildOf(ImageConfig parent, DiffId layer) => new()
    {
        Created = GoTime.Of(DateTimeOffset.UtcNow),
        Platform = parent.Platform with
        {
            Os = parent.Platform.Os.Length > 0 ? parent.Platform.Os : Platform.Current.Os,
            Architecture = parent.Platform.Architecture.Length > 0
                ? parent.Platform.Architecture
                : Platform.Current.Architecture,
        },
        DiffIds = layer == DiffId.Empty ? parent.DiffIds : [.. parent.DiffIds, layer],
        Unknown = parent.Unknown,
        UnknownOfRootFs = parent.UnknownOfRootFs,
    };
}
