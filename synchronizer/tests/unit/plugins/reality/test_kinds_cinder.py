# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The types of Cinder."""

from synchronizer.plugins.reality import table
from synchronizer.tests.unit.plugins.reality import tables

SERVER, OTHER_SERVER = tables.OTHER, tables.THIRD


class VolumeTestCase(tables.KindTestCase):

    type = 'OS::Cinder::Volume'

    def setUp(self):
        super().setUp()
        self.volume()
        for id_, name in (('t1', 'fast'), ('t2', 'slow')):
            self.around.put(tables.entity('cinder.volume_type', id_, name))
        self.around.answers['block-storage', '/types'] = {'volume_types': [
            {'id': 't1', 'name': 'fast'}, {'id': 't2', 'name': 'slow'}]}

    def volume(self, state='available', **attributes):
        self.around.put(tables.entity(
            'cinder.volume', tables.UUID, 'data', state, **{
                'size': 1, 'description': None, 'metadata': {},
                'volume_type': 'fast', 'volume_type_id': 't1',
                'bootable': 'false', 'attachments': [],
                'multiattach': False, 'availability_zone': 'nova',
                'snapshot_id': None, 'source_volid': None, **attributes}))


class TestVolume(VolumeTestCase):

    def test_what_the_template_does_not_set_is_not_compared(self):
        self.volume(description='x', metadata={'a': 'b'}, size=9)
        self.assert_same()

    def test_gone(self):
        self.around.entities.clear()
        self.assert_missing(size=1)

    def test_attached_or_not_is_nothing_to_it(self):
        self.volume('in-use', attachments=[{'server_id': SERVER}])
        self.assert_same(size=1)

    def test_size_as_text_or_number(self):
        for size in (1, '1'):
            self.assert_same(size=size)
        self.volume(size=3)
        self.assert_differs(1, 3, size=1)

    def test_name_and_description(self):
        self.assert_same(name='data', description='')
        self.assert_differs('x', 'data', name='x')
        self.assert_differs('x', None, description='x')

    def test_metadata(self):
        self.volume(metadata={'a': '1', 'readonly': 'False'})
        self.assert_same(metadata={'a': '1'})
        self.assert_differs({'a': '2'}, {'a': '1', 'readonly': 'False'},
                            metadata={'a': '2'})

    def test_type_by_name_or_id(self):
        for word in ('fast', 't1'):
            self.assert_same(volume_type=word)
        self.assert_differs('slow', 'fast', volume_type='slow')
        self.assert_differs('t2', 'fast', volume_type='t2')
        self.assert_silent('nothing is called old', volume_type='old')

    def test_read_only(self):
        self.assert_same(read_only=False)
        self.assert_differs(True, False, read_only=True)
        self.volume(metadata={'readonly': 'True'})
        self.assert_same(read_only='true')
        self.assert_differs(False, 'True', read_only=False)

    def test_zone(self):
        self.assert_same(availability_zone='nova')
        self.assert_differs('az2', 'nova', availability_zone='az2')


class TestBootable(VolumeTestCase):

    def bootable(self, **desired):
        return self.compare(**desired).differences.get('bootable')

    def test_made_from_nothing(self):
        self.assertIsNone(self.bootable(size=1))
        self.volume(bootable='true')
        self.assertEqual(table.Difference(False, True), self.bootable())

    def test_made_from_an_image(self):
        self.assertEqual(table.Difference(True, False),
                         self.bootable(image='tiny'))
        self.volume(bootable='true')
        self.assertIsNone(self.bootable(image='tiny'))

    def test_made_from_what_nobody_knows(self):
        for name in ('snapshot_id', 'source_volid', 'backup_id'):
            found = self.compare(**{name: 'x'})
            self.assertIn('bootable', found.not_comparable)


class TestImage(VolumeTestCase):

    def test_as_it_was_called_then(self):
        self.volume(bootable='true', volume_image_metadata={
            'image_id': 'i1', 'image_name': 'tiny'})
        for word in ('tiny', 'i1'):
            self.assert_same(image=word)
        self.assert_differs('other', 'i1', image='other')

    def test_not_told(self):
        self.volume(bootable='true')
        self.assert_silent('does not tell', image='tiny')


class TestAttachment(VolumeTestCase):

    type = 'OS::Cinder::VolumeAttachment'

    def attached(self, *servers, state='in-use', **attributes):
        self.volume(state, attachments=[
            {'server_id': server, 'volume_id': tables.UUID,
             'device': '/dev/sdb'} for server in servers], **attributes)

    def desired(self, **more):
        return {'instance_uuid': SERVER, 'volume_id': tables.UUID, **more}

    def test_attached(self):
        self.attached(SERVER)
        self.assert_same(**self.desired())

    def test_the_device_is_the_choice_of_the_hypervisor(self):
        self.attached(SERVER)
        self.assert_silent('chooses the device', mountpoint='/dev/vdb',
                           **self.desired())

    def test_detached(self):
        self.assert_missing(**self.desired())

    def test_the_volume_is_gone(self):
        self.around.entities.clear()
        self.assert_missing(**self.desired())

    def test_attached_elsewhere(self):
        self.attached(OTHER_SERVER)
        self.assert_differs(SERVER, OTHER_SERVER, **self.desired())

    def test_attached_to_others_too(self):
        self.attached(OTHER_SERVER, SERVER, multiattach=True)
        self.assert_same(**self.desired())
        self.attached(OTHER_SERVER, multiattach=True)
        self.assert_missing(**self.desired())

    def test_of_a_server_that_is_shelved(self):
        self.attached(state='reserved')
        self.around.put(tables.entity('nova.instance', SERVER, **{
            'os-extended-volumes:volumes_attached': [{'id': tables.UUID}]}))
        self.assert_same(**self.desired())
        self.attached(state='available')
        self.assert_missing(**self.desired())

    def test_of_aws(self):
        self.type = 'AWS::EC2::VolumeAttachment'
        self.attached(SERVER)
        self.assert_same(InstanceId=SERVER, VolumeId=tables.UUID)


class TestVolumeType(tables.KindTestCase):

    type = 'OS::Cinder::VolumeType'

    def setUp(self):
        super().setUp()
        self.around.put(tables.entity(
            'cinder.volume_type', name='fast', description='d',
            is_public=False, extra_specs={'a': '1'}))

    def test_plain_ones(self):
        self.assert_same(name='fast', description='d', is_public='False',
                         metadata={'a': '1'})
        self.assert_differs({'a': '2'}, {'a': '1'}, metadata={'a': '2'})
        self.assert_differs(True, False, is_public=True)

    def test_who_may_use_it(self):
        self.around.has('identity', '/projects', 'project', {
            'id': 'p1', 'name': 'demo'})
        path = f'/types/{tables.UUID}/os-volume-type-access'
        self.around.answers['block-storage', path] = {
            'volume_type_access': [{'project_id': 'p1'}]}
        self.assert_same(projects=['demo'])
        self.around.answers['block-storage', path] = {
            'volume_type_access': []}
        self.assert_differs(['demo'], [], projects=['demo'])


class TestEncryption(tables.KindTestCase):

    type = 'OS::Cinder::EncryptedVolumeType'
    path = f'/types/{tables.UUID}/encryption'

    def setUp(self):
        super().setUp()
        self.around.put(tables.entity('cinder.volume_type', name='fast'))

    def test_it_is_there(self):
        self.around.answers['block-storage', self.path] = {
            'provider': 'luks', 'cipher': None, 'key_size': 256,
            'control_location': 'front-end'}
        self.assert_same(provider='luks', key_size='256')
        self.assert_differs(512, 256, key_size=512)

    def test_an_empty_record_is_none(self):
        self.around.answers['block-storage', self.path] = {}
        self.assert_missing(provider='luks')

    def test_the_type_is_gone(self):
        self.around.entities.clear()
        self.assert_missing(provider='luks')
