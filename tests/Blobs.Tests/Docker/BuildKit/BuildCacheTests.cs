using Blobs.Docker.BuildKit;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.BuildKit;

/// <summary>What the build cache needs according to BuildKit's databases, and how unreadable ones are
/// reported.</summary>
public sealed class BuildCacheTests : IDisposable
{
    private static readonly ChainId Base = Chain('1');
    private static readonly ChainId Step = Chain('2');

    private readonly TemporaryFolder _folder = new(inMemory: true);

    private string Root => _folder["root"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(16384)]
    public void Layers_and_directories_are_told_apart(int pageBytes)
    {
        var databases = new BuildKitRoot(Root)
            .WithBase(BuildKitRoot.Name(1), Base)
            .WithStep(BuildKitRoot.Name(2), BuildKitRoot.Name(3), Step, "mount / from exec /bin/sh -c echo one \\u003e /one", $"{Base}")
            .WithSnapshot(BuildKitRoot.Name(4));
        for (int i = 100; i < 200; i++)
        {
            databases.WithSnapshot(BuildKitRoot.Name(i), BuildKitRoot.Name(i - 1));
        }

        databases.Write(pageBytes);

        BuildCache cache = Read();

        Assert.Null(cache.Problem);
        Assert.Equal([Base, Step], cache.Layers.Order());
        Assert.Equal("mount / from exec /bin/sh -c echo one > /one", cache.DescriptionOf(Step));
        Assert.Equal("from local ", cache.DescriptionOf(Base));
        Assert.Superset(new HashSet<string> { BuildKitRoot.Name(3), BuildKitRoot.Name(4), BuildKitRoot.Name(199) }, cache.Directories.ToHashSet());
        Assert.True(cache.Needs(Step, "x") && cache.Needs(Chain('3'), BuildKitRoot.Name(4)) && !cache.Needs(Chain('3'), "x"));
    }

    [Fact]
    public void A_layer_that_a_snapshot_names_as_parent_is_needed()
    {
        new BuildKitRoot(Root).WithSnapshot(BuildKitRoot.Name(1), parent: $"{Base}").Write();
        Assert.Equal([Base], Read().Layers);
    }

    [Fact]
    public void What_a_pruned_cache_leaves_of_a_base_image_is_not_needed()
    {
        BuildKitRoot databases = new BuildKitRoot(Root)
            .WithBase(BuildKitRoot.Name(1), Base)
            .WithSnapshot(BuildKitRoot.Name(3))
            .WithStep(BuildKitRoot.Name(4), BuildKitRoot.Name(5), Step, "step", parent: BuildKitRoot.Name(3))
            .Write();
        Assert.Equal([Base, Step], Read().Layers.Order());

        databases.WithoutRecord(BuildKitRoot.Name(1)).WithoutRecord(BuildKitRoot.Name(3)).Write();

        BuildCache cache = Read();
        Assert.Equal([Step], cache.Layers);
        Assert.Contains(BuildKitRoot.Name(3), cache.Directories);
    }

    [Fact]
    public void The_parents_of_a_step_without_a_layer_are_needed_without_a_record()
    {
        new BuildKitRoot(Root)
            .WithStep(BuildKitRoot.Name(1), BuildKitRoot.Name(2), Step, "step", parent: $"{Base}")
            .WithSnapshot(BuildKitRoot.Name(3), parent: BuildKitRoot.Name(1))
            .WithoutRecord(BuildKitRoot.Name(1))
            .Write();
        Assert.Equal([Base, Step], Read().Layers.Order());
    }

    [Fact]
    public void A_root_without_a_build_cache_needs_nothing()
    {
        Assert.Null(Read().Problem);
        Directory.CreateDirectory(Path.Combine(Root, "buildkit", "content"));
        BuildCache cache = Read();
        Assert.Null(cache.Problem);
        Assert.Empty(cache.Layers);
        Assert.Empty(cache.Directories);
    }

    [Theory]
    [InlineData("missing", "snapshots.db: does not exist, but ")]
    [InlineData("missing metadata", "metadata_v2.db: does not exist, but ")]
    [InlineData("empty", "snapshots.db: no bbolt database")]
    [InlineData("empty metadata", "metadata_v2.db: no bbolt database")]
    [InlineData("cut", "snapshots.db: the file ends")]
    [InlineData("cut metadata", "metadata_v2.db: the file ends")]
    [InlineData("version", "snapshots.db: a bbolt database of version 3, expected 2")]
    [InlineData("version of metadata", "metadata_v2.db: a bbolt database of version 3, expected 2")]
    [InlineData("text", "snapshots.db: no bbolt database")]
    [InlineData("directory", "snapshots.db: ")]
    [InlineData("no chain", "is not a ChainID")]
    public void A_cache_that_cannot_be_read_is_a_problem_of_one_line(string trouble, string message)
    {
        BuildKitRoot databases = new BuildKitRoot(Root).WithStep(BuildKitRoot.Name(1), BuildKitRoot.Name(2), Step, "step").Write();
        string path = trouble.Contains("metadata", StringComparison.Ordinal) ? databases.Metadata : databases.Snapshots;
        byte[] file = File.ReadAllBytes(path);
        File.Delete(path);
        switch (trouble.Split(' ')[0])
        {
            case "directory":
                Directory.CreateDirectory(path);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "cut":
                File.WriteAllBytes(path, file[..(3 * 4096)]);
                break;
            case "version":
                BoltWriter.Meta(file, 0, 4096, 3, 2, 4, 8, version: 3);
                BoltWriter.Meta(file.AsSpan(4096), 1, 4096, 3, 2, 4, 7, version: 3);
                File.WriteAllBytes(path, file);
                break;
            case "text":
                File.WriteAllText(path, new string('x', 9000));
                break;
            case "no":
                file[file.AsSpan().IndexOf("sha256:"u8)] = (byte)'x';
                File.WriteAllBytes(path, file);
                break;
        }

        BuildCache cache = Read();

        Assert.Contains(message, cache.Problem, StringComparison.Ordinal);
        Assert.StartsWith(Path.Combine(Root, "buildkit"), cache.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", cache.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_an_engine_has_locked_is_not_read()
    {
        BuildKitRoot databases = new BuildKitRoot(Root).WithStep(BuildKitRoot.Name(1), BuildKitRoot.Name(2), Step, "step").Write();
        foreach (string file in (string[])[databases.Snapshots, databases.Metadata])
        {
            Assert.Equal(Errno.None, FileLock.TryTake(file, isExclusive: true, out FileLock? taken));
            using (taken)
            {
                Assert.Equal($"{file}: another program has locked it", Read().Problem);
            }

            Assert.Null(Read().Problem);
        }
    }

    [Fact]
    public void Reading_changes_nothing()
    {
        new BuildKitRoot(Root).WithStep(BuildKitRoot.Name(1), BuildKitRoot.Name(2), Step, "step").Write();
        string[] before = TemporaryFolder.List(Root);
        Assert.Null(Read().Problem);
        Assert.Equal(before, TemporaryFolder.List(Root));
    }

    private BuildCache Read() => BuildCache.Of(RootPaths.BuildSnapshots(Root), RootPaths.BuildMetadata(Root));

    private static ChainId Chain(char digit) => ChainId.Parse($"sha256:{new string(digit, 64)}", null);
}
