using System.CommandLine;
using Blobs.Cli;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Tests.Cli;

/// <summary>The usage of <c>append</c>, <c>mutate</c>, <c>rebase</c> and <c>flatten</c>.</summary>
public sealed class NewImageCommandTests
{
    [Fact]
    public void Mutate_leaves_alone_what_no_option_names()
    {
        OciImage image = OciImage.Scratch().WithConfig(_ => new RunConfig { Cmd = ["a"], Entrypoint = ["b"], User = "c", WorkingDir = "/d" })
            with
        { Author = "e", Created = "2020-01-02T03:04:05Z" };
        OciImage changed = Mutated(image, "--env", "A=b");
        Assert.Equal(image.Config with { Env = changed.Config.Env }, changed.Config);
        Assert.Equal((image.Author, image.Created, image.Platform), (changed.Author, changed.Created, changed.Platform));
        Assert.Empty(Mutated(image, "--cmd", "").Config.Cmd!);
        Assert.Equal(["x y"], Mutated(image, "--entrypoint", "x y").Config.Entrypoint);
        Assert.Equal(["x", "y"], Mutated(image, "--cmd", "[\"x\",\"y\"]").Config.Cmd);
    }

    private static OciImage Mutated(OciImage image, params string[] words)
    {
        var command = new RootCommand();
        var options = new ImageChangeOptions();
        options.AddTo(command);
        return options.Apply(command.Parse(words), image);
    }

    [Theory]
    [InlineData("append container:c /etc/hostname:/ --to oci:l")]
    [InlineData("append layer:sha256:0 /etc/hostname:/ --to oci:l")]
    [InlineData("append a /etc/hostname:/ --to container:c")]
    [InlineData("append a /etc/hostname:/ --to layer:sha256:0")]
    [InlineData("append a --to oci:l")]
    [InlineData("append a /etc/hostname --to oci:l")]
    [InlineData("append a /etc/hostname:/")]
    [InlineData("append a /etc/hostname:/ --to oci:l --owner root")]
    [InlineData("mutate container:c --to oci:l")]
    [InlineData("mutate a --to layer:sha256:0")]
    [InlineData("mutate a --to oci:l --env A")]
    [InlineData("mutate a --to oci:l --port x")]
    [InlineData("mutate a --to oci:l --created yesterday")]
    [InlineData("mutate a --to oci:l --cmd [1]")]
    [InlineData("mutate a --to oci:l --set-platform linux/")]
    [InlineData("mutate a --to oci:l --compression zstd --format docker")]
    [InlineData("rebase layer:sha256:0 --from a --onto b --to oci:l")]
    [InlineData("rebase a --from container:c --onto b --to oci:l")]
    [InlineData("rebase a --from b --onto container:c --to oci:l")]
    [InlineData("rebase a --from b --to oci:l")]
    [InlineData("flatten container:c --to oci:l")]
    [InlineData("flatten a --to container:c")]
    [InlineData("flatten a --to erofs:d")]
    [InlineData("flatten oci: --to a")]
    [InlineData("flatten A/B --to a")]
    [InlineData("flatten a --to docker://A/B")]
    [InlineData("append erofs:d /etc/hostname:/ --to oci:l")]
    public void What_makes_no_sense_is_wrong_usage_in_one_line(string words)
    {
        var root = new RootCommand();
        Verbs.AddTo(root);
        Assert.Single(CommandLine.ErrorsOf(CommandLine.Parse(root, words.Split(' '))));
    }

    [Theory]
    [InlineData("append scratch /etc/hostname:/ --to oci:l:1 --owner 1:2 --platform linux/arm64")]
    [InlineData("append --to docker://h/r:1 docker://h/r:2 a:/b c:/d --tar e --tar -")]
    [InlineData("mutate a -e A=b -e C= -l k=v -a x=y --cmd [] --entrypoint /x --port 80 --port 1/udp --volume /v --created 0 --to b")]
    [InlineData("mutate a --created 2020-01-02T03:04:05.5+01:00 --set-platform linux/arm/v7 --stop-signal 9 --to docker-archive:-")]
    [InlineData("rebase a --from oci:b --onto docker://c --to d --format oci")]
    [InlineData("flatten oci-archive:a --to docker-data:b//c --driver vfs")]
    public void What_makes_sense_is_understood(string words)
    {
        var root = new RootCommand();
        Verbs.AddTo(root);
        Assert.Empty(CommandLine.ErrorsOf(CommandLine.Parse(root, words.Split(' '))));
    }
}
