using Blobs.Docker.Containers;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>The configs of new images, as the engine's own build steps and commits write them.</summary>
internal static class ImageDrafts
{
    /// <summary>The config of an image to which a build step has added something.</summary>
    /// <param name="parent">The image below.</param>
    /// <param name="layer">What was added.</param>
    /// <param name="step">The step.</param>
    public static ImageDraft Added(ImageConfig parent, DiffId layer, string step)
    {
        // A build step's own config names the image below; the command in it tells what was done.
        RunConfig config = parent.Config with { Image = $"{parent.Id}" };
        IReadOnlyList<string> shell = config.Shell is { Count: > 0 } own ? own : ["/bin/sh", "-c"];
        return ChildOf(parent, layer) with
        {
            Config = config,
            ContainerConfig = config with { Cmd = [.. shell, $"#(nop) {step} "] },
        };
    }

    /// <summary>The config of an image of what a container changed.</summary>
    /// <param name="parent">The image below.</param>
    /// <param name="layer">The changes.</param>
    /// <param name="container">The container.</param>
    public static ImageDraft Committed(ImageConfig parent, DiffId layer, Container container) => ChildOf(parent, layer) with
    {
        Config = container.Config,
        Container = container.Id,
        ContainerConfig = container.Config,
    };

    /// <summary>The finished config: the history of the image below, and the step that made this one.</summary>
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

    /// <summary>What a build step added, in the words of its history.</summary>
    public static string Describe(IReadOnlyList<AddedPath> added, AddedFiles[] files)
    {
        var byDestination = added.Zip(files).GroupBy(pair => pair.First.Destination);
        return string.Join(' ', byDestination.Select(group =>
            $"ADD {AddedFiles.Join([.. group.Select(pair => pair.Second.Hash)])} in {group.Key}"));
    }

    // A step that changed nothing adds no layer: its tar is the empty one.
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
