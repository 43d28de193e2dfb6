using Blobs.Docker.Containers;
using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Tests.Docker.Containers;

public sealed class ContainerConfigTests
{
    private const string Id = "91ce2be79bbd3f993f7aa43ff6233cf39e47801e220706bc391ee6c179e5cf8f";

    private static readonly RunConfig Image = new()
    {
        Env = ["PATH=/bin", "A=image"],
        Cmd = ["serve"],
        Entrypoint = ["/entry"],
        User = "nobody",
        WorkingDir = "/srv",
        Labels = new Dictionary<string, string> { ["a"] = "image", ["b"] = "image" },
        StopSignal = "SIGINT",
    };

    [Fact]
    public void What_is_left_out_comes_from_the_image()
    {
        RunConfig merged = Merge(new ContainerOptions());
        Assert.Equal(["/entry"], merged.Entrypoint);
        Assert.Equal(["serve"], merged.Cmd);
        Assert.Equal("nobody", merged.User);
        Assert.Equal("/srv", merged.WorkingDir);
        Assert.Equal("SIGINT", merged.StopSignal);
        Assert.Equal("91ce2be79bbd", merged.Hostname);
        Assert.Equal("image:1", merged.Image);
    }

    [Fact]
    public void The_options_environment_comes_first_and_wins() =>
        Assert.Equal(["A=own", "Z=1", "PATH=/bin"], Merge(new ContainerOptions { Env = ["A=own", "Z=1"] }).Env);

    [Fact]
    public void The_options_labels_win()
    {
        RunConfig merged = Merge(new ContainerOptions { Labels = new Dictionary<string, string> { ["a"] = "own" } });
        Assert.Equal(new Dictionary<string, string> { ["a"] = "own", ["b"] = "image" }, merged.Labels);
    }

    [Fact]
    public void A_command_takes_the_place_of_the_images_and_keeps_the_entry_point()
    {
        RunConfig merged = Merge(new ContainerOptions { Command = ["other"] });
        Assert.Equal(["/entry"], merged.Entrypoint);
        Assert.Equal(["other"], merged.Cmd);
    }

    [Fact]
    public void An_entry_point_takes_the_place_of_both()
    {
        RunConfig merged = Merge(new ContainerOptions { Entrypoint = ["/own"] });
        Assert.Equal(["/own"], merged.Entrypoint);
        Assert.Null(merged.Cmd);
    }

    [Fact]
    public void An_empty_entry_point_is_none()
    {
        RunConfig merged = Merge(new ContainerOptions { Entrypoint = [""], Command = ["sh"] });
        Assert.Null(merged.Entrypoint);
        Assert.Equal(["sh"], merged.Cmd);
    }

    [Fact]
    public void There_must_be_something_to_run() => Assert.Contains(
        "no command specified",
        Assert.Throws<StoreException>(() => ContainerConfig.Merge(new ContainerOptions(), new RunConfig(), "i", Id)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_working_directory_must_be_absolute() =>
        Assert.Throws<StoreException>(() => Merge(new ContainerOptions { WorkingDir = "srv" }));

    private static RunConfig Merge(ContainerOptions options) => ContainerConfig.Merge(options, Image, "image:1", Id);
}
