using System.Collections.Immutable;
using System.Globalization;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using CsCheck;

namespace Blobs.Tests.Docker;

/// <summary>
/// Random work on a data root, held against <see cref="RootModel"/> after every step. The root is opened anew for each: what it
/// holds is what is on disk.
/// </summary>
public sealed class EngineModelTests
{
    private static readonly string[] ImageNames = ["a:1", "a:2", "b:1"];
    private static readonly string[] ContainerNames = ["left", "right"];

    // Some share their base, one has the same layer twice.
    private static readonly SampleImage[] Samples =
    [
        SampleImage.Of("base"), SampleImage.Of("base", "one"), SampleImage.Of("base", "one", "two"), SampleImage.Of("base", "base"),
        SampleImage.Of("other"),
    ];

    private static readonly Gen<string> ImageName = Pick.From(ImageNames);
    private static readonly Gen<string> ContainerName = Pick.From(ContainerNames);
    private static readonly Gen<string?> ImageNameOrNone =
        Gen.Frequency((4, ImageName.Select(name => (string?)name)), (1, Gen.Const((string?)null)));

    // A number stands for one of what there is by then, so that most steps find something to do.
    private static readonly Gen<int> Number = Gen.Int[0, 1000];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (4, Gen.Select(Gen.Int[0, Samples.Length - 1], ImageNameOrNone).Select(pair => (Step)new Load(pair.Item1, pair.Item2))),
        (4, Gen.Select(Number, ImageName).Select(pair => (Step)new Tag(pair.Item1, pair.Item2))),
        (3, Gen.Select(Number, ContainerName).Select(pair => (Step)new Create(pair.Item1, pair.Item2))),
        (3, Gen.Select(ContainerName, ImageNameOrNone, Gen.Bool)
            .Select(three => (Step)new Commit(three.Item1, three.Item2, three.Item3))),
        (1, ContainerName.Select(name => (Step)new Remove(name))),
        (2, Gen.Select(Number, Gen.Bool).Select(pair => (Step)new RemoveByName(pair.Item1, pair.Item2))),
        (2, Gen.Select(Number, Gen.Bool).Select(pair => (Step)new RemoveById(pair.Item1, pair.Item2))));

    [Fact]
    public async Task A_root_is_what_its_history_makes_it()
    {
        // With root's rights as engines keep it; without, plain directories need none.
        string driver = CurrentUser.IsRoot ? "overlay2" : "vfs";
        long count = long.Parse(Environment.GetEnvironmentVariable("BLOBS_MODEL_RUNS") ?? "40", CultureInfo.InvariantCulture);
        await Steps.Array[4, 40].SampleAsync(steps => RunAsync(steps, driver), iter: count, threads: 1);
    }

    private static async Task RunAsync(Step[] steps, string driver)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var model = new RootModel();
        Directory.CreateDirectory(folder[$"root/image/{driver}"]);
        foreach (Step step in steps)
        {
            model = await TakeAsync(step, model, Open());
            Compare(model, Open());
        }

        // Whatever came together, every layer still gives the tar it once was.
        DockerRoot root = Open();
        foreach (Layer layer in root.Layers.Layers())
        {
            await root.Layers.ExportAsync(layer.ChainId, Stream.Null);
        }

        DockerRoot Open() => DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = driver });
    }

    private static async Task<RootModel> TakeAsync(Step step, RootModel model, DockerRoot root)
    {
        switch (step)
        {
            case Load load:
                SampleImage sample = Samples[load.Sample];
                using (var archive = new MemoryStream(sample.DockerArchive(load.Name)))
                {
                    await ImageLoader.LoadAsync(archive, "archive", root);
                }

                return model.WithImage($"{sample.Config.Id}", ChainOf(sample.Config), parent: null, load.Name);
            case Tag tag when model.Names.Count > 0:
                string from = Nth(model.Names.Keys, tag.From);
                await root.TagAsync(root.Find(from), ImageReference.Parse(tag.To));
                return model with { Names = model.Names.SetItem(tag.To, model.Names[from]) };
            case Create create when model.Images.Count > 0 && !model.Containers.ContainsKey(create.Name):
                string below = Nth(model.Images.Keys, create.Image);
                await root.CreateContainerAsync(below, new ContainerOptions { Name = create.Name });
                return model.WithContainer(create.Name, below);
            case Commit commit when model.Containers.TryGetValue(commit.Container, out string? parent) && model.Images.ContainsKey(parent):
                return await CommitAsync(commit, parent, model, root);
            case Remove remove when model.Containers.ContainsKey(remove.Name):
                await root.RemoveContainerAsync(root.Containers.Find(remove.Name));
                return model.WithoutContainer(remove.Name);
            case RemoveByName removal:
                string name = removal.Number == 0 ? "not:there" : Nth(model.Names.Keys.DefaultIfEmpty("not:there"), removal.Number);
                return await AgreeAsync(model, model.RemoveName(name, removal.Force), root, name, removal.Force);
            case RemoveById removal when model.Images.Count > 0:
                string image = Nth(model.Images.Keys, removal.Number);
                return await AgreeAsync(model, model.RemoveId(image, removal.Force), root, image, removal.Force);
            default:
                return model;
        }
    }

    private static async Task<RootModel> CommitAsync(Commit commit, string parent, RootModel model, DockerRoot root)
    {
        Container container = root.Containers.Find(commit.Container);
        if (commit.IsChanged)
        {
            string tree = await root.MountContainerAsync(container);
            await File.WriteAllTextAsync(Path.Combine(tree, $"changed-{Path.GetRandomFileName()}"), "new");
            await root.UnmountContainerAsync(container);
        }

        Image image = await root.CommitAsync(container, commit.Name is null ? null : ImageReference.Parse(commit.Name));
        return model.WithImage($"{image.Id}", ChainOf(image.Config), parent, commit.Name);
    }

    // Either both do it, or both refuse and nothing has changed.
    private static async Task<RootModel> AgreeAsync(RootModel before, RootModel? after, DockerRoot root, string name, bool force)
    {
        if (after is not null)
        {
            await root.RemoveImageAsync(name, force);
            return after;
        }

        BlobsException fault = await Assert.ThrowsAnyAsync<BlobsException>(() => root.RemoveImageAsync(name, force));
        Assert.True(fault is StoreException or NotFoundException, $"{fault}");
        return before;
    }

    private static void Compare(RootModel model, DockerRoot root)
    {
        Assert.Equal(
            model.Images.Select(item => $"{item.Key} < {item.Value.Parent}").Order(StringComparer.Ordinal),
            root.Images.Images().Select(image => $"{image.Id} < {image.Parent}").Order(StringComparer.Ordinal));
        Assert.Equal(
            model.Names.Select(item => $"{item.Key} {item.Value}").Order(StringComparer.Ordinal),
            root.Names.Read().All.Select(item => $"{item.Key.Familiar} {item.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(
            model.Containers.Select(item => $"{item.Key} {item.Value}").Order(StringComparer.Ordinal),
            root.Containers.Containers().Select(item => $"{item.Name} {item.ImageId}").Order(StringComparer.Ordinal));
        Assert.Equal(model.Layers, root.Layers.Layers().Select(layer => $"{layer.ChainId}"));
        Assert.Equal(model.Containers.Count, root.Layers.ReadWriteLayers().Count());

        // Nothing in the driver that no layer names: the directories of layers, and two for each container.
        string home = Path.Combine(root.Path, root.DriverName, root.DriverName == "vfs" ? "dir" : "");
        int directories = Directory.Exists(home) ? Directory.GetDirectories(home).Count(path => Path.GetFileName(path) != "l") : 0;
        Assert.Equal(model.Layers.Count() + (2 * model.Containers.Count), directories);
    }

    private static string Nth(IEnumerable<string> items, int number)
    {
        string[] all = [.. items.Order(StringComparer.Ordinal)];
        return all[number % all.Length];
    }

    private static ImmutableArray<string> ChainOf(ImageConfig config) =>
        [.. config.ChainIds.Select(id => $"{id}")];

    internal abstract record Step;

    internal sealed record Load(int Sample, string? Name) : Step;

    internal sealed record Tag(int From, string To) : Step;

    internal sealed record Create(int Image, string Name) : Step;

    internal sealed record Commit(string Container, string? Name, bool IsChanged) : Step;

    internal sealed record Remove(string Name) : Step;

    internal sealed record RemoveByName(int Number, bool Force) : Step;

    internal sealed record RemoveById(int Number, bool Force) : Step;
}
