using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Cli.Stores;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs copy FROM TO</c>: copies an image, an index or an artifact from any place to any other.</summary>
internal static class CopyCommand
{
    private const string Forms =
        "a name in the data root, docker-data:ROOT//NAME, containers-storage:[ROOT//]NAME, containerd:[NAMESPACE//]NAME, "
        + "docker-archive:FILE[:NAME], oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker://NAME";

    public static Command Create()
    {
        Argument<ImagePlace> from = Place("FROM", $"The source: {Forms}.", isTarget: false);
        Argument<ImagePlace> to = Place(
            "TO",
            "The target, in the same form, or erofs:DIR for the layers alone; FILE of an archive may be -, standard output.",
            isTarget: true);
        Option<CompressionKind?> compression = CommonOptions.Compression();
        Option<string?> driver = CommonOptions.Driver();
        driver.Description = "Storage driver of the target root. Default: the root's own, else overlay2.";
        Option<TimeSpan?> wait = CommonOptions.LockWait();
        Option<Durability> durability = CommonOptions.Durability();
        Option<ManifestFormat?> format = RegistryAccessOptions.Format();
        Option<Platform?> platform = RegistryAccessOptions.Platform();
        Option<bool> all = All();
        Option<bool> additional = new("--additional-store")
        {
            Description = "Write podman's store as an additional image store, which every user can read, also from a read-only mount.",
        };
        var registry = new RegistryAccessOptions();
        var targetRegistry = new TargetAccessOptions(registry);
        var containerd = new ContainerdAccessOptions();
        var erofs = new ErofsTargetOptions();
        Option<string> root = CommonOptions.Root();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("copy", "Copy an image, or an index with its platforms, between any places.")
        {
            from, to, all, platform, compression, format, root, driver, additional, wait, durability, json, quiet,
        };
        containerd.AddTo(command, writes: true);
        erofs.AddTo(command, result => result.ValueIfValid(to)?.ToString());
        registry.AddTo(command);
        targetRegistry.AddTo(command);
        RegistryAccessOptions.RefuseDockerWithZstd(command, format, compression);
        command.Validators.Add(result =>
        {
            if (result.GetValue(additional) && result.ValueIfValid(to) is { Transport: not ImageTransport.ContainersStorage } elsewhere)
            {
                result.AddError($"--additional-store: {elsewhere} is no store of podman; name it as containers-storage:DIR//NAME");
            }
        });
        command.Validators.Add(result =>
        {
            if (!result.GetValue(all))
            {
                return;
            }

            if (result.ValueIfValid(compression) is not null
                || result.ValueIfValid(format) is not null
                || result.ValueIfValid(platform) is not null)
            {
                result.AddError("--all copies everything as it is; it does not go with --platform, --compression or --format");
            }

            foreach (ImagePlace place in new[] { result.ValueIfValid(from), result.ValueIfValid(to) }.OfType<ImagePlace>())
            {
                if (!place.KeepsManifests)
                {
                    string what = place.IsTargetOnly ? "layers" : "images";
                    result.AddError($"--all: {place} holds {what} only; referrers need a registry or an OCI layout");
                }
            }
        });
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            ImagePlace source = containerd.Locate(arguments, InRoot(arguments, arguments.GetRequiredValue(from), root));
            ImagePlace target = containerd.Locate(arguments, InRoot(arguments, arguments.GetRequiredValue(to), root));
            using RegistryClient client = registry.Connect(arguments);
            using RegistryClient? targetClient = targetRegistry.Connect(arguments);
            CopyOptions options = erofs.In(arguments, new CopyOptions
            {
                WithReferrers = arguments.GetValue(all),
                Compression = arguments.GetValue(compression),
                Format = arguments.GetValue(format),
                Platform = arguments.GetValue(platform),
                LayersAtOnce = arguments.GetValue(registry.Jobs),
                Client = client,
                TargetClient = targetClient,
                Driver = arguments.GetValue(driver),
                Containerd = containerd.For(arguments),
                IsAdditionalStore = arguments.GetValue(additional),
                Durability = arguments.GetValue(durability),
                LockWait = arguments.GetValue(wait),
                Notices = Notices.ToStandardError,
            });
            CopyResult copied = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet),
                LayerWords.Save,
                progress => ImageCopier.CopyAsync(source, target, options, progress, cancellationToken)).ConfigureAwait(false);
            Output.WriteReport(
                [CopyReport.From(copied)],
                ImageJson.Default.CopyReportArray,
                arguments.GetValue(json),
                text => text.WriteLine($"{copied.Digest}"),
                ArchiveFile.Of(target));
        });
        string WhenCancelled(ParseResult arguments) => arguments.GetRequiredValue(to).Transport switch
        {
            ImageTransport.DockerData or ImageTransport.ContainersStorage or ImageTransport.Containerd => "nothing of the image was kept",
            ImageTransport.Oci => "blobs already copied whole may stay in the layout",
            ImageTransport.Erofs => "layers already written whole stay in the directory",
            ImageTransport.Registry => "layers already uploaded stay in the registry",
            _ => "no complete archive was written",
        };

        return command.With(
            "blobs copy alpine:3.18 oci:layout:3.18 --root /var/lib/docker",
            "blobs copy docker://registry.example/app:1 containers-storage:registry.example/app:1",
            "blobs copy docker://registry.example/app:1 containerd:k8s.io//registry.example/app:1",
            "blobs copy --additional-store oci:layout:1 containers-storage:/srv/images//registry.example/app:1",
            "blobs copy oci:layout:3.18 docker-archive:alpine.tar:alpine:3.18",
            "blobs copy docker://registry.example/app:1 docker://127.0.0.1:5000/app:1",
            "blobs copy docker://registry.example/app:1 erofs:/var/cache/layers",
            "blobs copy --all docker://registry.example/app:1 oci-archive:app.tar:1");
    }

    /// <summary>The option to copy referrers as well.</summary>
    public static Option<bool> All() => new("--all")
    {
        Description = "Also copy signatures, attestations, SBOMs and other referrers of all that is copied.",
    };

    // A name without a transport is in the store that --root names.
    private static ImagePlace InRoot(ParseResult arguments, ImagePlace place, Option<string> root) =>
        place is { Transport: ImageTransport.DockerData, Path: "" }
            ? RootPlace.Of(arguments, arguments.GetRequiredValue(root)) with { Name = place.Name }
            : place;

    private static Argument<ImagePlace> Place(string name, string description, bool isTarget) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            try
            {
                var place = Places.Place.Parse(text, takesPath: false, isTarget: isTarget);
                if (place.Kind is PlaceKind.Container or PlaceKind.Layer)
                {
                    result.AddError($"'{text}': name an image");
                }

                return place.Image ?? new ImagePlace(ImageTransport.DockerData, "", place.Name);
            }
            catch (MalformedDataException fault)
            {
                result.AddError(fault.Message);
                return null!;
            }
        },
    };
}
