using System.Runtime.Versioning;
using Blobs.Cli.Places;
using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class PlaceTests
{
    [Theory]
    [InlineData("docker-data:/var/lib/docker//alpine:3.18", "docker-data:/var/lib/docker//alpine:3.18", null)]
    [InlineData("docker-data:/var/lib/docker//alpine:3.18:/etc", "docker-data:/var/lib/docker//alpine:3.18", "/etc")]
    [InlineData("docker-data:./root//127.0.0.1:5000/a/b:/", "docker-data:./root//127.0.0.1:5000/a/b", "/")]
    [InlineData("docker-archive:a.tar", "docker-archive:a.tar", null)]
    [InlineData("docker-archive:a.tar:/etc/passwd", "docker-archive:a.tar", "/etc/passwd")]
    [InlineData("docker-archive:/a.tar:127.0.0.1:5000/b:1:/x:/y", "docker-archive:/a.tar:127.0.0.1:5000/b:1", "/x:/y")]
    [InlineData("oci:/layout:3.18:/etc", "oci:/layout:3.18", "/etc")]
    [InlineData("oci:layout:/etc", "oci:layout", "/etc")]
    [InlineData("oci:layout:any name", "oci:layout:any name", null)]
    [InlineData("oci-archive:/a/b.tar:x:/", "oci-archive:/a/b.tar:x", "/")]
    [InlineData("docker://alpine", "docker://alpine", null)]
    [InlineData("docker://127.0.0.1:5000/a:1:/etc", "docker://127.0.0.1:5000/a:1", "/etc")]
    public void An_image_anywhere_has_the_prefix_of_its_transport(string text, string place, string? path)
    {
        var parsed = Place.Parse(text);
        Assert.Equal(new Place(PlaceKind.Image, "", ImagePlace.Parse(place), path), parsed);
        Assert.Equal(place, $"{parsed}");
    }

    [Theory]
    [InlineData("alpine", PlaceKind.RootImage, "alpine", null)]
    [InlineData("alpine:3.20:/etc/os-release", PlaceKind.RootImage, "alpine:3.20", "/etc/os-release")]
    [InlineData("127.0.0.1:5000/a:/b", PlaceKind.RootImage, "127.0.0.1:5000/a", "/b")]
    [InlineData("7b4130c2f55f:/", PlaceKind.RootImage, "7b4130c2f55f", "/")]
    [InlineData("container:web", PlaceKind.Container, "web", null)]
    [InlineData("container:web:/var/log", PlaceKind.Container, "web", "/var/log")]
    [InlineData("layer:sha256:0123:/x", PlaceKind.Layer, "sha256:0123", "/x")]
    public void A_plain_name_a_container_and_a_layer_are_of_the_root(string text, object kind, string name, string? path) =>
        Assert.Equal(new Place((PlaceKind)kind, name, null, path), Place.Parse(text));

    [Fact]
    public void A_plain_name_can_mean_a_registry() => Assert.Equal(
        new Place(PlaceKind.Image, "", ImagePlace.Parse("docker://registry.example/app:1"), null),
        Place.Parse("registry.example/app:1", PlainName.InRegistry));

    [Fact]
    public void A_plain_name_is_an_image_of_the_root_that_the_call_names() =>
        Assert.Equal(ImagePlace.Parse("docker-data:/root//app:1"), Place.Parse("app:1").ImageIn(() => ImagePlace.ParseStore("docker-data:/root")));

    [Theory]
    [InlineData("")]
    [InlineData("Alpine")]
    [InlineData("container:")]
    [InlineData("layer::/etc")]
    [InlineData("oci:")]
    [InlineData("docker://")]
    [InlineData("docker://UPPER")]
    [InlineData("docker-archive:a.tar:UPPER")]
    [InlineData("alpine::/etc")]
    public void Other_texts_are_refused(string text) =>
        Assert.Equal(Fault.ReferenceSyntax, Assert.Throws<MalformedDataException>(() => Place.Parse(text)).Fault);

    [Theory]
    [InlineData("alpine:/etc")]
    [InlineData("oci:layout:1:/etc")]
    public void A_path_is_refused_where_none_makes_sense(string text) =>
        Assert.Contains("without a path", Assert.Throws<MalformedDataException>(() => Place.Parse(text, takesPath: false)).Message);
}
